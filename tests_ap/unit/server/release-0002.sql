BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE conversations (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id TEXT NOT NULL, 
	content_hash TEXT NOT NULL, 
	source TEXT NOT NULL, 
	language TEXT, 
	lines INTEGER NOT NULL, 
	participants INTEGER NOT NULL, 
	windows INTEGER NOT NULL, 
	tasks INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	imported_at DOUBLE NOT NULL, 
	available_at DOUBLE, 
	attempts INTEGER NOT NULL, 
	merge_attempts INTEGER NOT NULL, 
	merge_after DOUBLE NOT NULL, 
	CONSTRAINT uq_conversations_content_hash UNIQUE (content_hash), 
	CONSTRAINT uq_conversations_id UNIQUE (id)
);
INSERT INTO "conversations" VALUES(1,'published','ccb257629e78d18f7ec6a1cef9a5b20eb5029b488229e67708989e0419a945e1','test',NULL,12,2,3,1,'published','',1800000000.0,NULL,1,0,0.0);
INSERT INTO "conversations" VALUES(2,'leased','3205699888c87d507caaff1cd66adb0185be9b43e81d8a82d2632caaf3b3865d','test',NULL,12,2,3,1,'leased','',1800000100.0,1800000160.0,1,0,0.0);
INSERT INTO "conversations" VALUES(3,'given back','251d13d310496ff4602fd8265f05dd82cc60c4ee03d74732ef5f0cf9e15b3fce','test',NULL,12,2,3,1,'leased','',1800000100.0,1800000221.0,1,0,0.0);
INSERT INTO "conversations" VALUES(4,'completed','55ef353d916a4ee283d3da4cd12233cf4932f05c0b5a58d5f54a027bc30d100c','test',NULL,12,2,3,1,'completed','merging failed (1 of 5): OSError: the disk is full',1800000100.0,NULL,2,1,1800000163.0);
INSERT INTO "conversations" VALUES(5,'waiting','c05e4dcfac6dfbb4b11ecab7d7687515b0de9a6336ec0435165ec44e6ae46ea8','test',NULL,12,2,3,1,'waiting','',1800000100.0,0.0,0,0,0.0);
INSERT INTO "conversations" VALUES(6,'short','7747bad9efcfd8b29356659f0365a9a0fb8ff6fb71bbefccb661e993a53d180f','test',NULL,3,2,0,0,'too_short','conversation ''short'' has 3 lines with text, but windows are cut from 4 on; leave it out or lower the bound',1800000100.0,NULL,0,0,0.0);
CREATE TABLE ground_truths (
	lease TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	body TEXT NOT NULL, 
	stored_at DOUBLE NOT NULL, 
	CONSTRAINT pk_ground_truths PRIMARY KEY (lease), 
	CONSTRAINT fk_ground_truths_lease_leases FOREIGN KEY(lease) REFERENCES leases (id) ON DELETE CASCADE
);
INSERT INTO "ground_truths" VALUES('44af742f16854e04048470c779c9ca58','ebaa2905e36415f687e327296f4406ad5572e4acebad4578f53e5fb893344c0b','{"engine":"test/1","tags":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"windows":{"0-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"1-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"2-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}]},"profiles":[]}',1800000000.0);
INSERT INTO "ground_truths" VALUES('3dfe5dc1930171b7b7d55115756f4046','ebaa2905e36415f687e327296f4406ad5572e4acebad4578f53e5fb893344c0b','{"engine":"test/1","tags":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"windows":{"0-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"1-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"2-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}]},"profiles":[]}',1800000100.0);
INSERT INTO "ground_truths" VALUES('9cbd92cf95344e783861231421b925b9','ebaa2905e36415f687e327296f4406ad5572e4acebad4578f53e5fb893344c0b','{"engine":"test/1","tags":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"windows":{"0-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"1-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"2-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}]},"profiles":[]}',1800000161.0);
INSERT INTO "ground_truths" VALUES('4dae8f6e50423e41ec5db6c0c45d84ae','ebaa2905e36415f687e327296f4406ad5572e4acebad4578f53e5fb893344c0b','{"engine":"test/1","tags":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"windows":{"0-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"1-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"2-0-12":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}]},"profiles":[]}',1800000161.0);
CREATE TABLE leases (
	id TEXT NOT NULL, 
	conversation INTEGER NOT NULL, 
	holder TEXT NOT NULL, 
	task_type TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	granted_at DOUBLE NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	CONSTRAINT pk_leases PRIMARY KEY (id), 
	CONSTRAINT fk_leases_conversation_conversations FOREIGN KEY(conversation) REFERENCES conversations (seq) ON DELETE CASCADE
);
INSERT INTO "leases" VALUES('44af742f16854e04048470c779c9ca58',1,'5Gb6Zfe8K8NSKrkFLCgqs8LUdk7wKweXM5pN296jVqDpdziR','conversation_tagging',1,'completed',1800000000.0,1800000060.0);
INSERT INTO "leases" VALUES('3dfe5dc1930171b7b7d55115756f4046',2,'5Gb6Zfe8K8NSKrkFLCgqs8LUdk7wKweXM5pN296jVqDpdziR','conversation_tagging',1,'held',1800000100.0,1800000160.0);
INSERT INTO "leases" VALUES('9cbd92cf95344e783861231421b925b9',3,'5Exs3yxYDxd5QCzDLAYYdT836fTYLPpfEaAarVqdKjJDxNHb','conversation_tagging',1,'held',1800000161.0,1800000221.0);
INSERT INTO "leases" VALUES('3469c459a9a40af9d595a073b298eda4',4,'5Gb6Zfe8K8NSKrkFLCgqs8LUdk7wKweXM5pN296jVqDpdziR','conversation_tagging',1,'released',1800000161.0,1800000221.0);
INSERT INTO "leases" VALUES('4dae8f6e50423e41ec5db6c0c45d84ae',4,'5Gb6Zfe8K8NSKrkFLCgqs8LUdk7wKweXM5pN296jVqDpdziR','conversation_tagging',2,'completed',1800000161.0,1800000221.0);
CREATE TABLE merged (
	conversation INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	merged_at DOUBLE NOT NULL, 
	CONSTRAINT pk_merged PRIMARY KEY (conversation), 
	CONSTRAINT fk_merged_conversation_conversations FOREIGN KEY(conversation) REFERENCES conversations (seq) ON DELETE CASCADE
);
INSERT INTO "merged" VALUES(1,'{"conversation":{"id":"published","source":"test","license":"CC0","participants":["Ada","Bo"],"lines":[{"speaker":0,"text":"I told published about the beehive and the weather, number 0.","at":null},{"speaker":1,"text":"I told published about the beehive and the weather, number 1.","at":null},{"speaker":0,"text":"I told published about the beehive and the weather, number 2.","at":null},{"speaker":1,"text":"I told published about the beehive and the weather, number 3.","at":null},{"speaker":0,"text":"I told published about the beehive and the weather, number 4.","at":null},{"speaker":1,"text":"I told published about the beehive and the weather, number 5.","at":null},{"speaker":0,"text":"I told published about the marathon and the weather, number 6.","at":null},{"speaker":1,"text":"I told published about the marathon and the weather, number 7.","at":null},{"speaker":0,"text":"I told published about the marathon and the weather, number 8.","at":null},{"speaker":1,"text":"I told published about the marathon and the weather, number 9.","at":null},{"speaker":0,"text":"I told published about the marathon and the weather, number 10.","at":null},{"speaker":1,"text":"I told published about the marathon and the weather, number 11.","at":null}],"started_at":null,"language":null,"labels":{}},"tags":[{"text":"cheese","aspect":"topic","weight":1.0,"support":1},{"text":"glacier","aspect":"topic","weight":1.0,"support":1},{"text":"violin","aspect":"topic","weight":1.0,"support":1}],"windows":[{"window_id":"0-0-12","level":0,"start":0,"end":12,"tags":[{"text":"cheese","aspect":"topic","weight":1.0,"support":1},{"text":"glacier","aspect":"topic","weight":1.0,"support":1},{"text":"violin","aspect":"topic","weight":1.0,"support":1}],"answers":1},{"window_id":"1-0-12","level":1,"start":0,"end":12,"tags":[{"text":"cheese","aspect":"topic","weight":1.0,"support":1},{"text":"glacier","aspect":"topic","weight":1.0,"support":1},{"text":"violin","aspect":"topic","weight":1.0,"support":1}],"answers":1},{"window_id":"2-0-12","level":2,"start":0,"end":12,"tags":[{"text":"cheese","aspect":"topic","weight":1.0,"support":1},{"text":"glacier","aspect":"topic","weight":1.0,"support":1},{"text":"violin","aspect":"topic","weight":1.0,"support":1}],"answers":1}],"profiles":[{"participant":"Ada","facts":[]},{"participant":"Bo","facts":[]}],"embedding":[-0.05364459380507469,-0.08465425670146942,-0.1324988752603531,0.15239055454730988,0.18152566254138947,0.15097182989120483,0.2002471387386322,-0.11485551297664642,0.15720829367637634,0.16954195499420166,0.15150216221809387,0.005778404418379068,-0.006290985271334648,-0.2541702389717102,-0.06704648584127426,-0.0311985295265913,0.006355201825499535,0.1385522037744522,-0.11492831259965897,-0.10795170068740845,-0.07869654148817062,0.15688736736774445,-0.018479274585843086,0.01770634390413761,0.10881876945495605,-0.04231427609920502,0.006048921495676041,0.1506282389163971,0.09162408113479614,-0.27187788486480713,0.05407937243580818,0.1514340341091156,-0.25996941328048706,0.05397147685289383,-0.09681589901447296,0.03042597696185112,-0.20007719099521637,0.0911872535943985,0.09581246227025986,-0.006035631988197565,-0.09756799787282944,0.22355489432811737,0.12830056250095367,0.023674875497817993,0.03034292161464691,-0.3084968328475952,-0.10285437852144241,0.1514004021883011,0.029163440689444542,-0.006443508900702,-0.029688065871596336,-0.10246090590953827,0.043449126183986664,0.12122074514627457,-0.1512206643819809,-0.04772905260324478,0.01151323039084673,0.017116859555244446,-0.18912453949451447,0.03605444356799126,0.10248371213674545,-0.005748560652136803,-0.13285836577415466,0.09669309109449387],"embedding_model":{"name":"hash","revision":"1","dimensions":64},"quality":{"relevance":0.952954,"engagement":0.606471,"novelty":0.242593,"coherence":0.608107,"fluency":0.875,"boring_index":0.338208,"lines":[0.700464,0.694329,0.691735,0.688501,0.692622,0.686012,0.725099,0.693836,0.694571,0.696709,0.691595,0.692929]},"miners":2,"validators":1,"scoring_version":"3","merged_at":"2027-01-15T08:00:00Z"}',1800000000.0);
CREATE TABLE nonces (
	hotkey TEXT NOT NULL, 
	nonce TEXT NOT NULL, 
	expires_at DOUBLE NOT NULL, 
	CONSTRAINT pk_nonces PRIMARY KEY (hotkey, nonce)
);
INSERT INTO "nonces" VALUES('5Exs3yxYDxd5QCzDLAYYdT836fTYLPpfEaAarVqdKjJDxNHb','1795174094684320794',1800000181.0);
INSERT INTO "nonces" VALUES('5Exs3yxYDxd5QCzDLAYYdT836fTYLPpfEaAarVqdKjJDxNHb','1795174094692755808',1800000181.0);
INSERT INTO "nonces" VALUES('5Exs3yxYDxd5QCzDLAYYdT836fTYLPpfEaAarVqdKjJDxNHb','1795174094700290417',1800000181.0);
CREATE TABLE publications (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id TEXT NOT NULL, 
	path TEXT NOT NULL, 
	conversations INTEGER NOT NULL, 
	left_out INTEGER NOT NULL, 
	revision TEXT NOT NULL, 
	files TEXT NOT NULL, 
	published_at DOUBLE NOT NULL, 
	CONSTRAINT uq_publications_id UNIQUE (id)
);
INSERT INTO "publications" VALUES(1,'0171ede1a792846a3ebc1cf92bbbdc37','dataset',1,0,'857312c746397891fb9ec72cb5a5b51197abebd1e0664ec1845add492bff78a9','["README.md","conversation_tags/part-00000.parquet","conversations/part-00000.parquet","profiles/part-00000.parquet","tags/part-00000.parquet","windows/part-00000.parquet"]',1800000000.0);
CREATE TABLE records (
	conversation INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	labels TEXT NOT NULL, 
	windows TEXT NOT NULL, 
	CONSTRAINT pk_records PRIMARY KEY (conversation), 
	CONSTRAINT fk_records_conversation_conversations FOREIGN KEY(conversation) REFERENCES conversations (seq) ON DELETE CASCADE
);
INSERT INTO "records" VALUES(1,'{"id":"published","source":"test","license":"CC0","participants":["Ada","Bo"],"lines":[[0,"I told published about the beehive and the weather, number 0."],[1,"I told published about the beehive and the weather, number 1."],[0,"I told published about the beehive and the weather, number 2."],[1,"I told published about the beehive and the weather, number 3."],[0,"I told published about the beehive and the weather, number 4."],[1,"I told published about the beehive and the weather, number 5."],[0,"I told published about the marathon and the weather, number 6."],[1,"I told published about the marathon and the weather, number 7."],[0,"I told published about the marathon and the weather, number 8."],[1,"I told published about the marathon and the weather, number 9."],[0,"I told published about the marathon and the weather, number 10."],[1,"I told published about the marathon and the weather, number 11."]],"started_at":null,"language":null}','{}','[{"window_id":"0-0-12","level":0,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"1-0-12","level":1,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"2-0-12","level":2,"start":0,"end":12,"thread":null,"lines":null}]');
INSERT INTO "records" VALUES(2,'{"id":"leased","source":"test","license":"CC0","participants":["Ada","Bo"],"lines":[[0,"I told leased about the violin and the weather, number 0."],[1,"I told leased about the violin and the weather, number 1."],[0,"I told leased about the violin and the weather, number 2."],[1,"I told leased about the violin and the weather, number 3."],[0,"I told leased about the violin and the weather, number 4."],[1,"I told leased about the violin and the weather, number 5."],[0,"I told leased about the comet and the weather, number 6."],[1,"I told leased about the comet and the weather, number 7."],[0,"I told leased about the comet and the weather, number 8."],[1,"I told leased about the comet and the weather, number 9."],[0,"I told leased about the comet and the weather, number 10."],[1,"I told leased about the comet and the weather, number 11."]],"started_at":null,"language":null}','{}','[{"window_id":"0-0-12","level":0,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"1-0-12","level":1,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"2-0-12","level":2,"start":0,"end":12,"thread":null,"lines":null}]');
INSERT INTO "records" VALUES(3,'{"id":"given back","source":"test","license":"CC0","participants":["Ada","Bo"],"lines":[[0,"I told given back about the comet and the weather, number 0."],[1,"I told given back about the comet and the weather, number 1."],[0,"I told given back about the comet and the weather, number 2."],[1,"I told given back about the comet and the weather, number 3."],[0,"I told given back about the comet and the weather, number 4."],[1,"I told given back about the comet and the weather, number 5."],[0,"I told given back about the cheese and the weather, number 6."],[1,"I told given back about the cheese and the weather, number 7."],[0,"I told given back about the cheese and the weather, number 8."],[1,"I told given back about the cheese and the weather, number 9."],[0,"I told given back about the cheese and the weather, number 10."],[1,"I told given back about the cheese and the weather, number 11."]],"started_at":null,"language":null}','{}','[{"window_id":"0-0-12","level":0,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"1-0-12","level":1,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"2-0-12","level":2,"start":0,"end":12,"thread":null,"lines":null}]');
INSERT INTO "records" VALUES(4,'{"id":"completed","source":"test","license":"CC0","participants":["Ada","Bo"],"lines":[[0,"I told completed about the cheese and the weather, number 0."],[1,"I told completed about the cheese and the weather, number 1."],[0,"I told completed about the cheese and the weather, number 2."],[1,"I told completed about the cheese and the weather, number 3."],[0,"I told completed about the cheese and the weather, number 4."],[1,"I told completed about the cheese and the weather, number 5."],[0,"I told completed about the harbour and the weather, number 6."],[1,"I told completed about the harbour and the weather, number 7."],[0,"I told completed about the harbour and the weather, number 8."],[1,"I told completed about the harbour and the weather, number 9."],[0,"I told completed about the harbour and the weather, number 10."],[1,"I told completed about the harbour and the weather, number 11."]],"started_at":null,"language":null}','{}','[{"window_id":"0-0-12","level":0,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"1-0-12","level":1,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"2-0-12","level":2,"start":0,"end":12,"thread":null,"lines":null}]');
INSERT INTO "records" VALUES(5,'{"id":"waiting","source":"test","license":"CC0","participants":["Ada","Bo"],"lines":[[0,"I told waiting about the glacier and the weather, number 0."],[1,"I told waiting about the glacier and the weather, number 1."],[0,"I told waiting about the glacier and the weather, number 2."],[1,"I told waiting about the glacier and the weather, number 3."],[0,"I told waiting about the glacier and the weather, number 4."],[1,"I told waiting about the glacier and the weather, number 5."],[0,"I told waiting about the beehive and the weather, number 6."],[1,"I told waiting about the beehive and the weather, number 7."],[0,"I told waiting about the beehive and the weather, number 8."],[1,"I told waiting about the beehive and the weather, number 9."],[0,"I told waiting about the beehive and the weather, number 10."],[1,"I told waiting about the beehive and the weather, number 11."]],"started_at":null,"language":null}','{}','[{"window_id":"0-0-12","level":0,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"1-0-12","level":1,"start":0,"end":12,"thread":null,"lines":null},{"window_id":"2-0-12","level":2,"start":0,"end":12,"thread":null,"lines":null}]');
INSERT INTO "records" VALUES(6,'{"id":"short","source":"test","license":"CC0","participants":["Ada","Bo"],"lines":[[0,"I told short about the glacier and the weather, number 0."],[1,"I told short about the glacier and the weather, number 1."],[0,"I told short about the beehive and the weather, number 2."]],"started_at":null,"language":null}','{}','[]');
CREATE TABLE submissions (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id TEXT NOT NULL, 
	lease TEXT NOT NULL, 
	conversation INTEGER NOT NULL, 
	window_id TEXT NOT NULL, 
	validator_hotkey TEXT NOT NULL, 
	miner_hotkey TEXT NOT NULL, 
	miner_uid INTEGER NOT NULL, 
	outcome TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	answer TEXT, 
	seconds DOUBLE NOT NULL, 
	claimed_score DOUBLE NOT NULL, 
	claimed_reward DOUBLE NOT NULL, 
	score DOUBLE NOT NULL, 
	reasons TEXT NOT NULL, 
	agrees BOOLEAN NOT NULL, 
	reward DOUBLE, 
	standing DOUBLE, 
	scoring_version TEXT NOT NULL, 
	submitted_at DOUBLE NOT NULL, shown TEXT, 
	CONSTRAINT fk_submissions_conversation_conversations FOREIGN KEY(conversation) REFERENCES conversations (seq) ON DELETE CASCADE, 
	CONSTRAINT fk_submissions_lease_leases FOREIGN KEY(lease) REFERENCES leases (id) ON DELETE CASCADE, 
	CONSTRAINT uq_submissions_id UNIQUE (id), 
	CONSTRAINT uq_submissions_lease UNIQUE (lease, window_id, miner_hotkey)
);
INSERT INTO "submissions" VALUES(1,'7cf69835cc310c1ad92e8d33575bfa39','44af742f16854e04048470c779c9ca58',1,'2-0-12','5Gb6Zfe8K8NSKrkFLCgqs8LUdk7wKweXM5pN296jVqDpdziR','miner-0',7,'scored','','{"protocol_version":1,"task_id":"2-0-12","tags":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"profiles":[],"embeddings":null,"engine":"test/1"}',0.1,0.0,0.0,0.9,'["covers 100% of the window''s themes","100% of its tags'' worth is right and new","no facts about participants were sent, which forgoes up to 10%"]',0,1.0,0.0,'3',1800000000.0,NULL);
INSERT INTO "submissions" VALUES(2,'297a606c277c4ba4006549651fee2f5f','44af742f16854e04048470c779c9ca58',1,'2-0-12','5Gb6Zfe8K8NSKrkFLCgqs8LUdk7wKweXM5pN296jVqDpdziR','miner-1',8,'scored','','{"protocol_version":1,"task_id":"2-0-12","tags":[{"text":"nothing like it","aspect":"topic","weight":1.0}],"profiles":[],"embeddings":null,"engine":"test/1"}',0.1,0.0,0.0,0.0,'["covers 0% of the window''s themes; missed ''cheese'', ''glacier'', ''violin''","0% of its tags'' worth is right and new","1 tag earned nothing: names nothing","no facts about participants were sent, which forgoes up to 10%"]',1,0.0,-2.0,'3',1800000000.0,NULL);
INSERT INTO "submissions" VALUES(3,'c215075a948c3a106cb5f0f2aeec1bad','9cbd92cf95344e783861231421b925b9',3,'2-0-12','5Exs3yxYDxd5QCzDLAYYdT836fTYLPpfEaAarVqdKjJDxNHb','miner-0',7,'scored','','{"protocol_version":1,"task_id":"2-0-12","tags":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"profiles":[],"embeddings":null,"engine":"test/1"}',0.1,0.0,0.0,0.9,'["covers 100% of the window''s themes","100% of its tags'' worth is right and new","no facts about participants were sent, which forgoes up to 10%"]',0,NULL,NULL,'3',1800000161.0,NULL);
INSERT INTO "submissions" VALUES(4,'9d0850fc6df30b00b0e1f282cccac38a','9cbd92cf95344e783861231421b925b9',3,'2-0-12','5Exs3yxYDxd5QCzDLAYYdT836fTYLPpfEaAarVqdKjJDxNHb','miner-1',8,'late','',NULL,0.1,0.0,0.0,0.0,'["late"]',1,NULL,NULL,'3',1800000161.0,NULL);
INSERT INTO "submissions" VALUES(5,'c8b755d234c05abf17e0112e1dafc8b8','4dae8f6e50423e41ec5db6c0c45d84ae',4,'2-0-12','5Gb6Zfe8K8NSKrkFLCgqs8LUdk7wKweXM5pN296jVqDpdziR','miner-0',7,'scored','','{"protocol_version":1,"task_id":"2-0-12","tags":[{"text":"cheese","aspect":"topic","weight":1.0},{"text":"glacier","aspect":"topic","weight":1.0},{"text":"violin","aspect":"topic","weight":1.0}],"profiles":[],"embeddings":null,"engine":"test/1"}',0.1,0.0,0.0,0.9,'["covers 100% of the window''s themes","100% of its tags'' worth is right and new","no facts about participants were sent, which forgoes up to 10%"]',0,1.0,0.0,'3',1800000161.0,NULL);
CREATE TABLE tags (
	conversation INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	aspect TEXT NOT NULL, 
	support INTEGER NOT NULL, 
	CONSTRAINT pk_tags PRIMARY KEY (conversation, position), 
	CONSTRAINT fk_tags_conversation_conversations FOREIGN KEY(conversation) REFERENCES conversations (seq) ON DELETE CASCADE
);
INSERT INTO "tags" VALUES(1,0,'cheese','topic',1);
INSERT INTO "tags" VALUES(1,1,'glacier','topic',1);
INSERT INTO "tags" VALUES(1,2,'violin','topic',1);
CREATE INDEX ix_conversations_available ON conversations (available_at, seq);
CREATE INDEX ix_conversations_state ON conversations (state, seq);
CREATE INDEX ix_nonces_expires ON nonces (expires_at);
CREATE INDEX ix_leases_conversation ON leases (conversation, state);
CREATE INDEX ix_leases_holder ON leases (holder, state, expires_at);
CREATE INDEX ix_tags_text ON tags (text, aspect);
CREATE INDEX ix_submissions_conversation ON submissions (conversation);
CREATE INDEX ix_submissions_miner ON submissions (miner_hotkey, seq);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('conversations',6);
INSERT INTO "sqlite_sequence" VALUES('submissions',5);
INSERT INTO "sqlite_sequence" VALUES('publications',1);
COMMIT;
